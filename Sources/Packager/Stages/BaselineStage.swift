import Deployment
import Diagnostics
import ModelFormats
import ModelGraph
import Report

/// Measures the float model on the validation data, and settles how answers are judged.
func measureBaseline(
  _ model: SimplifiedModel, _ request: PackRequest, _ report: StageRunner.Report
) throws(Failure) -> (Baseline, summary: String) {
  let data = model.inputs.validation
  let outputs = try floatOutputs(model.graph, data) { report.advance($0, of: data.count, "float model") }
  let quality = try chosenQuality(request.metric, data: data, floatOutputs: outputs)
  let value = try quality.value(of: outputs, floatOutputs: outputs, data: data)
  return (
    Baseline(model: model, quality: quality, outputs: outputs, value: value),
    "float \(Formatting.quality(value.value, quality.metric)) on \(data.count) samples (\(model.inputs.validationName))"
  )
}
