import Base
import Memory
import Monitor
import Sync

/// Lends `count` frames in a row to `body` and gives them back.
///
/// - Throws: that there are not so many, with `body` not called; or why they could not be given back.
func withFrames(
  _ count: UInt, _ body: (Range<PageFrame>) -> Void
) throws(CommandError) {
  guard
    let frames = Locks.pages.withLock({
      unsafe try? KernelState.pages?.allocateRun(frameCount: count)
    })
  else { throw .failedFor("out of memory", byteCount: count * PageFrame.byteCount) }
  body(frames)
  do throws(PageArrayError) {
    try Locks.pages.withLock { () throws(PageArrayError) in
      unsafe try KernelState.pages?.deallocate(frames)
    }
  } catch {
    throw .failed(error.kind.description)
  }
}
