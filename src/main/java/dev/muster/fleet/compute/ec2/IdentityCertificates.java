package dev.muster.fleet.compute.ec2;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The certificates by which AWS signs what it says about machines (RSA-2048), by region. A file has
 * them in PEM, each below a line {@code # region NAME…} with its regions; a region may have several
 * while they change.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/regions-certs.html">EC2: AWS
 *     public certificates for instance identity signatures</a>
 */
public final class IdentityCertificates {
  private static final String BUNDLED = "identity-certificates.pem";
  private static final String REGION = "# region ";
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
  private static final String END = "-----END CERTIFICATE-----";

  private final Map<String, List<X509Certificate>> byRegion;

  IdentityCertificates(Map<String, List<X509Certificate>> byRegion) {
    Map<String, List<X509Certificate>> copy = new HashMap<>();
    byRegion.forEach((region, certificates) -> copy.put(region, List.copyOf(certificates)));
    this.byRegion = Map.copyOf(copy);
  }

  /**
   * Those of this version and those of a file beside them.
   *
   * @throws IllegalArgumentException when the file cannot be read, with its name and the reason
   */
  public static IdentityCertificates load(Optional<Path> further) {
    Map<String, List<X509Certificate>> all = new HashMap<>();
    try (InputStream bundled =
        Objects.requireNonNull(IdentityCertificates.class.getResourceAsStream(BUNDLED))) {
      add(all, new String(bundled.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException | CertificateException e) {
      throw new IllegalStateException("The bundled " + BUNDLED + " cannot be read", e);
    }
    further.ifPresent(file -> {
      try {
        add(all, Files.readString(file));
      } catch (IOException | CertificateException e) {
        throw new IllegalArgumentException(
            "identity_certificates: %s cannot be read as PEM with lines '# region NAME': %s"
                .formatted(file, e.getMessage()),
            e);
      }
    });
    return new IdentityCertificates(all);
  }

  private static void add(Map<String, List<X509Certificate>> all, String text)
      throws CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<String> regions = List.of();
    StringBuilder pem = new StringBuilder();
    for (String line : text.lines().map(String::strip).toList()) {
      if (line.startsWith(REGION)) {
        regions = List.of(line.substring(REGION.length()).strip().split("[ ,]+"));
      } else if (line.equals(BEGIN) || !pem.isEmpty()) {
        pem.append(line).append('\n');
      }
      if (line.equals(END)) {
        if (regions.isEmpty()) {
          throw new CertificateException("a certificate stands before the first region");
        }
        byte[] bytes = pem.toString().getBytes(StandardCharsets.US_ASCII);
        X509Certificate certificate =
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes));
        regions.forEach(
            region -> all.computeIfAbsent(region, key -> new ArrayList<>()).add(certificate));
        pem.setLength(0);
      }
    }
  }

  /** The certificates of a region; none where none is known. */
  List<X509Certificate> of(String region) {
    return byRegion.getOrDefault(region, List.of());
  }

  /** Every region and its certificates. */
  Map<String, List<X509Certificate>> all() {
    return byRegion;
  }
}
