package dev.muster.kernel.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {
  // GitHub, "Validating webhook deliveries".
  private static final String SECRET = "It's a Secret to Everybody";
  private static final byte[] BODY = "Hello, World!".getBytes(StandardCharsets.UTF_8);
  private static final String HEX =
      "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

  @Test
  void makesGitHubsOwnExample() {
    assertThat(Signature.hex(SECRET, BODY)).isEqualTo(HEX);
    assertThat(holds("sha256=" + HEX)).isTrue();
  }

  @Test
  void holdsUnderAnyOfTwoLiveSecretsAndNotUnderARetiredOne() {
    String header = "sha256=" + Signature.hex("old", BODY);
    assertThat(Signature.holds(header, BODY, List.of("new", "old"))).isTrue();
    assertThat(Signature.holds(header, BODY, List.of("old", "new"))).isTrue();
    assertThat(Signature.holds(header, BODY, List.of("new"))).isFalse();
    assertThat(Signature.holds(header, BODY, List.of())).isFalse();
  }

  @Test
  void hexInCapitalsIsTheSameNumber() {
    assertThat(holds("sha256=" + HEX.toUpperCase(Locale.ROOT))).isTrue();
  }

  @Test
  void everyFlippedDigitIsFound() {
    for (int i = 0; i < HEX.length(); i++) {
      char other = HEX.charAt(i) == '0' ? '1' : '0';
      String forged = HEX.substring(0, i) + other + HEX.substring(i + 1);
      assertThat(holds("sha256=" + forged)).as(forged).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256=",
        "sha256=757107ea",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1700",
        "sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "sha256= 57107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
      })
  void whatIsNotAWholeSignatureDoesNotHold(String header) {
    assertThat(holds(header)).isFalse();
  }

  private static boolean holds(String header) {
    return Signature.holds(header, BODY, List.of(SECRET));
  }
}
