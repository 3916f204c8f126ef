import Targets
import Testing

@Suite struct CacheFolderTests {
  @Test(arguments: [
    (["XDG_CACHE_HOME": "/var/cache/me", "HOME": "/home/me"], "/var/cache/me/edgepack"),
    (["XDG_CACHE_HOME": "relative", "HOME": "/home/me"], "/home/me/.cache/edgepack"),
    (["XDG_CACHE_HOME": "", "HOME": "/home/me"], "/home/me/.cache/edgepack"),
    (["HOME": "/home/me"], "/home/me/.cache/edgepack"),
  ])
  func itIsTheUsersCache(_ environment: [String: String], _ path: String) {
    #expect(CacheFolder.url(environment).path == path)
  }
}
