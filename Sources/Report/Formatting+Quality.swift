import Foundation

extension Formatting {
  /// A metric's value with its name: `top1 86.40 %`, `rmse 14.72`.
  public static func quality(_ value: Double, _ metric: Answer.Accuracy.Metric) -> String {
    "\(metric.rawValue) \(figure(value, metric, decimals: 2))"
  }

  /// A metric's value: a share of samples in percent, anything else with four significant digits.
  static func figure(_ value: Double, _ metric: Answer.Accuracy.Metric, decimals: Int) -> String {
    switch metric {
    case .top1, .agreement: percent(value, decimals: decimals)
    case .rmse, .auc: String(format: "%.4g", value)
    }
  }
}
