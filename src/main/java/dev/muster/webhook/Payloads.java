package dev.muster.webhook;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Bodies at rest: raw deflate at its fastest level, which takes JSON to about a sixth. */
final class Payloads {
  private Payloads() {}

  static byte[] deflate(byte[] body) {
    try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
      deflater.setInput(body);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 3 + 64);
      byte[] part = new byte[Math.min(64 * 1024, body.length / 2 + 64)];
      while (!deflater.finished()) {
        out.write(part, 0, deflater.deflate(part));
      }
      return out.toByteArray();
    }
  }

  static byte[] inflate(byte[] compressed) {
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(compressed);
      ByteArrayOutputStream out = new ByteArrayOutputStream(compressed.length * 6 + 64);
      byte[] part = new byte[16 * 1024];
      while (!inflater.finished()) {
        int n = inflater.inflate(part);
        if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw new IllegalStateException("A stored payload is cut short");
        }
        out.write(part, 0, n);
      }
      return out.toByteArray();
    } catch (DataFormatException e) {
      throw new IllegalStateException("A stored payload is damaged", e);
    }
  }
}
