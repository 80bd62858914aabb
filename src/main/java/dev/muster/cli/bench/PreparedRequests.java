package dev.muster.cli.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.LongFunction;

/**
 * Whole requests, made and signed before they are sent: signing them is the sender's work, and the
 * sender shares the measured machine. Outside of the heap, which they would not fit.
 */
final class PreparedRequests implements LongFunction<ByteBuffer>, AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final ByteBuffer bytes;
  private final long first;
  private final int size;

  /** Makes {@code count} requests, from number {@code first} on, all of one size. */
  PreparedRequests(LongFunction<byte[]> requests, long first, int count) {
    this.first = first;
    this.size = requests.apply(first).length;
    MemorySegment all = arena.allocate((long) size * count, 1);
    for (int i = 0; i < count; i++) {
      MemorySegment request = MemorySegment.ofArray(requests.apply(first + i));
      MemorySegment.copy(request, 0, all, (long) size * i, size);
    }
    this.bytes = all.asByteBuffer();
  }

  @Override
  public ByteBuffer apply(long number) {
    return bytes.slice(Math.toIntExact(size * (number - first)), size);
  }

  @Override
  public void close() {
    arena.close();
  }
}
