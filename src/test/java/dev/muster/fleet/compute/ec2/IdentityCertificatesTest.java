package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityCertificatesTest {
  @TempDir private Path folder;

  @Test
  void bundledOnesAreWholeAndOfKeysThatAreLongEnough() throws Exception {
    var all = IdentityCertificates.load(Optional.empty()).all();
    assertThat(all).containsKeys("us-east-1", "us-west-2", "eu-west-1", "eu-central-1");
    for (var certificates : all.values()) {
      for (X509Certificate certificate : certificates) {
        certificate.verify(certificate.getPublicKey()); // a slip in copying would show here
        assertThat(((RSAPublicKey) certificate.getPublicKey()).getModulus().bitLength())
            .isEqualTo(2048);
        assertThat(certificate.getNotAfter().toInstant())
            .isAfter(Instant.parse("2036-01-01T00:00:00Z"));
      }
    }
    assertThat(all.values().stream().flatMap(c -> c.stream().map(X509Certificate::getSerialNumber)))
        .as("one for each region")
        .doesNotHaveDuplicates();
  }

  @Test
  void furtherOnesStandBesideTheBundled() throws Exception {
    Path file = folder.resolve("more.pem");
    Files.writeString(file, "# region xx-west-9 eu-west-1\n" + firstBundled());
    IdentityCertificates certificates = IdentityCertificates.load(Optional.of(file));
    assertThat(certificates.of("xx-west-9")).hasSize(1);
    assertThat(certificates.of("eu-west-1")).hasSize(2);
    assertThat(certificates.of("nowhere-1")).isEmpty();
  }

  @Test
  void fileThatCannotBeReadIsNamed() throws Exception {
    Path file = folder.resolve("more.pem");
    Files.writeString(file, firstBundled());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IdentityCertificates.load(Optional.of(file)))
        .withMessageContaining("more.pem")
        .withMessageContaining("before the first region");
  }

  private static String firstBundled() throws Exception {
    try (InputStream in =
        IdentityCertificates.class.getResourceAsStream("identity-certificates.pem")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String end = "-----END CERTIFICATE-----\n";
      return text.substring(text.indexOf("-----BEGIN"), text.indexOf(end) + end.length());
    }
  }
}
