package dev.muster.webhook;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Bodies at rest: raw deflate at its fastest level, which takes JSON to about a sixth. Making a
 * deflater clears a quarter of a mebibyte of native memory, more work than a usual body, so a few
 * are kept for the next.
 */
final class Payloads {
  /** As many as there are usually processors at it. */
  private static final int SPARE = 8;

  private static final BlockingQueue<Deflater> DEFLATERS = new ArrayBlockingQueue<>(SPARE);
  private static final BlockingQueue<Inflater> INFLATERS = new ArrayBlockingQueue<>(SPARE);

  private Payloads() {}

  static byte[] deflate(byte[] body) {
    Deflater spare = DEFLATERS.poll();
    Deflater deflater = spare == null ? new Deflater(Deflater.BEST_SPEED, true) : spare;
    deflater.setInput(body);
    deflater.finish();
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 3 + 64);
    byte[] part = new byte[Math.min(64 * 1024, body.length / 2 + 64)];
    while (!deflater.finished()) {
      out.write(part, 0, deflater.deflate(part));
    }
    deflater.reset();
    if (!DEFLATERS.offer(deflater)) {
      deflater.end();
    }
    return out.toByteArray();
  }

  static byte[] inflate(byte[] compressed) {
    Inflater spare = INFLATERS.poll();
    Inflater inflater = spare == null ? new Inflater(true) : spare;
    try {
      byte[] body = inflate(inflater, compressed);
      inflater.reset();
      if (!INFLATERS.offer(inflater)) {
        inflater.end();
      }
      return body;
    } catch (DataFormatException | IllegalStateException e) {
      inflater.end();
      throw new IllegalStateException("A stored payload is damaged: " + e.getMessage(), e);
    }
  }

  private static byte[] inflate(Inflater inflater, byte[] compressed) throws DataFormatException {
    inflater.setInput(compressed);
    ByteArrayOutputStream out = new ByteArrayOutputStream(compressed.length * 6 + 64);
    byte[] part = new byte[16 * 1024];
    while (!inflater.finished()) {
      int n = inflater.inflate(part);
      if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
        throw new IllegalStateException("it is cut short");
      }
      out.write(part, 0, n);
    }
    return out.toByteArray();
  }
}
