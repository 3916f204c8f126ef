import Targets

extension LibraryNames {
  /// `cmake/NAMEConfig.cmake`: `find_package(NAME)` gives the target `NAME::NAME`. Every path starts at the file itself.
  func cmakeConfiguration(for profile: TargetProfile) -> String {
    """
    # find_package(\(name)) gives \(name)::\(name), and in \(name)_WEIGHTS the path of the weights file.
    get_filename_component(_\(name)_folder "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
    \(processorCheck(profile))
    if(NOT TARGET \(name)::\(name))
      add_library(\(name)::\(name) STATIC IMPORTED)
      set_target_properties(\(name)::\(name) PROPERTIES
        IMPORTED_LOCATION "${_\(name)_folder}/\(archive)"
        IMPORTED_LINK_INTERFACE_LANGUAGES "C"
        INTERFACE_INCLUDE_DIRECTORIES "${_\(name)_folder}")
    endif()
    set(\(name)_WEIGHTS "${_\(name)_folder}/\(name).epk")
    unset(_\(name)_folder)

    """
  }

  /// Refuses a build for another processor before the linker does, in words.
  private func processorCheck(_ profile: TargetProfile) -> String {
    let pattern =
      switch profile.cpu.architecture {
      case .arm64: "aarch64|arm64|AARCH64|ARM64"
      case .x86_64: "x86_64|AMD64|amd64"
      case .armv7em: "arm.*|ARM.*|cortex-m.*"
      case .riscv32: "riscv.*"
      }
    return """
      if(CMAKE_SYSTEM_PROCESSOR AND NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(\(pattern))$")
        set(\(name)_FOUND FALSE)
        set(\(name)_NOT_FOUND_MESSAGE "\(name) was packed for \(profile.cpu.architecture.rawValue), not ${CMAKE_SYSTEM_PROCESSOR}")
        return()
      endif()
      """
  }

  /// `pkgconfig/NAME.pc`.
  func pkgConfiguration(for profile: TargetProfile) -> String {
    """
    prefix=${pcfiledir}/..
    weights=${prefix}/\(name).epk

    Name: \(name)
    Description: the network \(name), packed by edgepack for \(profile.name.filter { !$0.isNewline })
    Version: 1
    Cflags: -I${prefix}
    Libs: -L${prefix} -l\(name)

    """
  }
}
