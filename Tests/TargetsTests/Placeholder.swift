import Testing

@testable import Targets
