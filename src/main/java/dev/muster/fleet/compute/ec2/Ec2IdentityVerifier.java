package dev.muster.fleet.compute.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.fleet.compute.IdentityVerifier;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks EC2's instance identity documents. They do not expire and are not secret on the machine: a
 * document proves which machine somebody has been on, so it stands beside the launch's secret and
 * never in its place.
 */
public final class Ec2IdentityVerifier implements IdentityVerifier {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern ACCOUNT_OF_ROLE = Pattern.compile("arn:[^:]+:iam::([0-9]{12}):.*");

  private final IdentityCertificates certificates;
  private final Ec2Records records;
  private final InstantSource clock;

  public Ec2IdentityVerifier(
      IdentityCertificates certificates, Ec2Records records, InstantSource clock) {
    this.certificates = certificates;
    this.records = records;
    this.clock = clock;
  }

  @Override
  public Verdict verify(Claim claim, Optional<String> document) {
    if (document.isEmpty()) {
      return new Verdict.Undecided(
          "its agent sent no signed identity document; build the runner's image anew");
    }
    List<X509Certificate> known = certificates.of(claim.region());
    if (known.isEmpty()) {
      return new Verdict.Undecided(
          "no certificate of AWS for %s is known here; add it with identity_certificates"
              .formatted(claim.region()));
    }
    Instant now = clock.instant();
    List<X509Certificate> good =
        known.stream().filter(c -> !now.isAfter(c.getNotAfter().toInstant())).toList();
    if (good.isEmpty()) {
      Instant end = known.getLast().getNotAfter().toInstant();
      return new Verdict.Refuted(
          "the certificate of AWS for %s expired at %s; add the newer one with identity_certificates"
              .formatted(claim.region(), end));
    }
    try {
      SignedDocument signed = SignedDocument.read(document.get());
      return signed.signedBy(good)
          ? compare(claim, JSON.readTree(signed.content()))
          : new Verdict.Refuted(
              "its identity document is not as AWS signed it in " + claim.region());
    } catch (SignedDocument.Unreadable e) {
      return new Verdict.Refuted("its identity document cannot be read: " + e.getMessage());
    } catch (IOException e) {
      return new Verdict.Refuted("its identity document is not JSON");
    }
  }

  private Verdict compare(Claim claim, JsonNode document) {
    return differs(document, "instanceId", Optional.of(claim.instance()))
        .or(() -> differs(document, "region", Optional.of(claim.region())))
        .or(() -> differs(document, "accountId", account(claim.launch())))
        .<Verdict>map(Verdict.Refuted::new)
        .orElseGet(Verdict.Proven::new);
  }

  private static Optional<String> differs(
      JsonNode document, String field, Optional<String> expected) {
    String said = document.path(field).asText("");
    return expected
        .filter(value -> !value.equals(said))
        .map(value ->
            "its identity document is of another machine: %s is '%s', not '%s'"
                .formatted(field, said, value));
  }

  /** The account of the role that the launch was made with; our own has no name here. */
  private Optional<String> account(String launch) {
    return records
        .choice(launch)
        .map(FleetChoice::role)
        .map(ACCOUNT_OF_ROLE::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1));
  }
}
