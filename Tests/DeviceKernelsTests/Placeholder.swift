import Testing

@testable import DeviceKernels
