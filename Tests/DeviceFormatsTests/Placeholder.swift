import Testing

@testable import DeviceFormats
