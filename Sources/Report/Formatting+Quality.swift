extension Formatting {
  /// A metric's value with its name: `top1 86.4 %`, `rmse 14.7`.
  public static func quality(_ value: Double, _ metric: Answer.Accuracy.Metric) -> String {
    metric.isError ? "\(metric.rawValue) \(threeDigits(value))" : "\(metric.rawValue) \(percent(value, decimals: 2))"
  }
}
