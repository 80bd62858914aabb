package dev.muster.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;

class PayloadsTest {
  @Test
  void givesBackWhatWasStored() {
    SplittableRandom random = new SplittableRandom(1);
    for (int size : new int[] {0, 1, 15, 8_192, 70_000, 3 << 20}) {
      byte[] noise = new byte[size];
      random.nextBytes(noise);
      assertThat(Payloads.expand(Payloads.compress(noise))).isEqualTo(noise);
      byte[] zeros = new byte[size];
      assertThat(Payloads.expand(Payloads.compress(zeros))).isEqualTo(zeros);
    }
  }

  /** The image takes the other one: a database goes from the one to the other. */
  @Test
  void machineCodeAndJavaReadEachOther() {
    byte[] body = "{\"id\":1,\"name\":\"build\"}".repeat(400).getBytes(StandardCharsets.UTF_8);
    LZ4Factory code = LZ4Factory.nativeInstance();
    byte[] byJava = Payloads.compress(body);
    assertThat(code.safeDecompressor().decompress(byJava, 4, byJava.length - 4, body.length))
        .isEqualTo(body);
    byte[] block = code.fastCompressor().compress(body);
    byte[] byCode = ByteBuffer.allocate(4 + block.length).putInt(body.length).put(block).array();
    assertThat(Payloads.expand(byCode)).isEqualTo(body);
  }

  @Test
  void manyAtATimeDisturbNoOther() {
    IntStream.range(0, 2_000)
        .parallel()
        .forEach(i -> {
          byte[] body = (i + " ").repeat(1 + i % 40).getBytes(StandardCharsets.UTF_8);
          assertThat(Payloads.expand(Payloads.compress(body))).isEqualTo(body);
        });
  }

  @Test
  void makesJsonSmaller() {
    byte[] body =
        "{\"url\":\"https://api.github.com/repos/acme/api\"},"
            .repeat(100)
            .getBytes(StandardCharsets.UTF_8);
    assertThat(Payloads.compress(body)).hasSizeLessThan(body.length / 4);
  }

  @Test
  void refusesWhatIsDamaged() {
    byte[] whole =
        Payloads.compress(
            "{\"id\":1,\"name\":\"build\"}".repeat(20).getBytes(StandardCharsets.UTF_8));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatIllegalStateException().isThrownBy(() -> Payloads.expand(cut));
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> Payloads.expand(new byte[] {127, -1, -1, -1, 0}))
        .withMessageContaining("length");
    assertThatIllegalStateException()
        .isThrownBy(() -> Payloads.expand(new byte[] {-1, -1, -1, -1, 0}));
  }
}
