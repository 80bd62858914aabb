package dev.muster.agent.common;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.Secret;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskTest {
  private static String masked(String secret, int step, String text) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    Mask mask = new Mask(new Secret(secret), kept::write);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from < bytes.length; from += step) {
      int length = Math.min(step, bytes.length - from);
      byte[] part = new byte[length];
      System.arraycopy(bytes, from, part, 0, length);
      mask.add(part, length);
    }
    mask.end();
    return kept.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "7", "1000"})
  void secretIsReplacedWhereverTheOutputIsSplit(int step) {
    assertThat(masked("abcabcabd", step, "x abcabcabcabd abcabcab abcabcabdabcabcabd abcabc"))
        .isEqualTo("x abc*** abcabcab ****** abcabc");
  }

  @Test
  void everyOtherByteComesThrough() {
    Random random = new Random(1);
    for (int trial = 0; trial < 500; trial++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(200); i > 0; i--) {
        text.append("ab".charAt(random.nextInt(2)));
      }
      assertThat(masked("aabaabaaab", 1 + random.nextInt(20), text.toString()))
          .isEqualTo(text.toString().replace("aabaabaaab", "***"));
    }
  }

  @Test
  void whatIsTooShortToBeSecretIsLeftAlone() {
    assertThat(masked("none", 4, "none of it")).isEqualTo("none of it");
  }
}
