extension Pipeline {
  /// From an imported model to what every later stage reads: channels-last, weights and bounds folded into the layers, no dead nodes.
  public static let simplify = Pipeline(
    .removeUnusedNodes,
    .foldConstants,
    .normalizeLayout,
    .foldBatchNormalization,
    .foldChannelConstants,
    .foldChannelAffineForwards,
    .channelAffineToDepthwise,
    .fuseActivations,
    .foldPadding,
    .absorbMovementIntoGemm,
    .composeMovement,
    .removeIdentities,
    .removeUnusedNodes,
    .requireFiniteConstants)
}
