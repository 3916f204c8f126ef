/// Every code that edgepack can print in brackets. A code is never reused for another meaning.
/// Each has a paragraph in docs/errors.md and a test that provokes it; both are checked.
public enum DiagnosticCode: String, CaseIterable, Hashable, Sendable, Codable {
  // Files and folders
  case fileNotFound = "file-not-found"
  case fileUnreadable = "file-unreadable"
  case folderUnwritable = "folder-unwritable"
  case foreignFolder = "foreign-folder"
  case folderBusy = "folder-busy"
  case noSpace = "no-space"
  case corruptStage = "corrupt-stage"
  // Models
  case corruptModel = "corrupt-model"
  case unsupportedOpset = "unsupported-opset"
  case unsupportedOperator = "unsupported-operator"
  case unsupportedAttribute = "unsupported-attribute"
  case dynamicShape = "dynamic-shape"
  case invalidGraph = "invalid-graph"
  case notFinite = "not-finite"
  // Data
  case corruptData = "corrupt-data"
  case missingArray = "missing-array"
  case shapeMismatch = "shape-mismatch"
  case emptyData = "empty-data"
  case fewSamples = "few-samples"
  // Targets and budgets
  case unknownTarget = "unknown-target"
  case profileSyntax = "profile-syntax"
  case profileValue = "profile-value"
  case profileField = "profile-field"
  case invalidQuantity = "invalid-quantity"
  case missingCosts = "missing-costs"
  // Configuration
  case configurationSyntax = "configuration-syntax"
  case configurationField = "configuration-field"
  // Plans and lowering
  case corruptPlan = "corrupt-plan"
  case planMismatch = "plan-mismatch"
  case accumulatorOverflow = "accumulator-overflow"
  case floatLayer = "float-layer"
  case multiplierRange = "multiplier-range"
  // Tools, builds and proofs
  case missingTool = "missing-tool"
  case incompleteInstallation = "incomplete-installation"
  case toolFailed = "tool-failed"
  case notABuild = "not-a-build"
  case outputDiffers = "output-differs"
  case programFailed = "program-failed"
  // Command line
  case usage = "usage"
  case interrupted = "interrupted"
  case internalError = "internal-error"
}
