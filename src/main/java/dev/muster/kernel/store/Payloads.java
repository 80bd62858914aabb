package dev.muster.kernel.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;

/**
 * Bodies and texts at rest: their length in four bytes, and an LZ4 block. It takes JSON to about a
 * quarter, where deflate takes it to a fifth for twice the time.
 */
public final class Payloads {
  private static final LZ4Compressor COMPRESSOR;
  private static final LZ4SafeDecompressor DECOMPRESSOR;

  static {
    LZ4Factory lz4 = lz4();
    COMPRESSOR = lz4.fastCompressor();
    DECOMPRESSOR = lz4.safeDecompressor();
  }

  /** A body of the usual size has room in it, however little it shrinks. */
  private static final int ROOM = 80 * 1024;

  /**
   * Room to compress into, for as many as do so at a time: made anew for each body, it is an eighth
   * of all that a delivery leaves to be collected.
   */
  private static final BlockingQueue<byte[]> ROOMS = new ArrayBlockingQueue<>(4);

  /** What an LZ4 block can expand to, for each of its bytes. */
  private static final long MOST_RATIO = 255;

  private Payloads() {}

  /**
   * The image has the library as machine code, a quarter of the time. Elsewhere it is Java: LZ4's
   * own way would unpack the library into the folder for temporary files at each start.
   */
  @SuppressWarnings("restricted") // the launcher allows native access
  private static LZ4Factory lz4() {
    try {
      System.loadLibrary("lz4-java");
      return LZ4Factory.nativeInstance();
    } catch (UnsatisfiedLinkError e) {
      return LZ4Factory.safeInstance();
    }
  }

  /** The form in which it is stored. */
  public static byte[] compress(byte[] body) {
    int most = Integer.BYTES + COMPRESSOR.maxCompressedLength(body.length);
    byte @Nullable [] idle = most <= ROOM ? ROOMS.poll() : null;
    byte[] out = idle != null ? idle : new byte[Math.max(most, ROOM)];
    ByteBuffer.wrap(out).putInt(body.length);
    int length = COMPRESSOR.compress(body, 0, body.length, out, Integer.BYTES);
    byte[] compressed = Arrays.copyOf(out, Integer.BYTES + length);
    if (out.length == ROOM) {
      ROOMS.offer(out);
    }
    return compressed;
  }

  /**
   * Undoes {@link #compress}.
   *
   * @throws IllegalStateException when it is not what was stored
   */
  public static byte[] expand(byte[] compressed) {
    int length = compressed.length < Integer.BYTES ? -1 : ByteBuffer.wrap(compressed).getInt();
    if (length < 0 || length > MOST_RATIO * compressed.length) {
      throw new IllegalStateException("A stored payload is damaged: its length cannot be");
    }
    try {
      byte[] body = new byte[length];
      int expanded =
          DECOMPRESSOR.decompress(
              compressed, Integer.BYTES, compressed.length - Integer.BYTES, body, 0);
      if (expanded != length) {
        throw new IllegalStateException("A stored payload is damaged: it is cut short");
      }
      return body;
    } catch (LZ4Exception e) {
      throw new IllegalStateException("A stored payload is damaged: " + e.getMessage(), e);
    }
  }
}
