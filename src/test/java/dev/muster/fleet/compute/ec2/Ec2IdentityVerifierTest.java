package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.compute.IdentityVerifier.Claim;
import dev.muster.fleet.compute.IdentityVerifier.Verdict;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.store.StoreFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Ec2IdentityVerifierTest {
  private static final Instant END = Instant.parse("2030-01-01T00:00:00Z");
  private static final Claim CLAIM = claim("i-0123456789abcdef0", "launch-0000000000000001");
  private static final Claim ELSEWHERE = claim("i-0123456789abcdef0", "launch-0000000000000002");

  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private Signer ireland;
  private Signer frankfurt;
  private Signer mallory;
  private StoreFixture store;
  private Ec2IdentityVerifier verifier;

  @BeforeAll
  void sign(@TempDir Path folder) throws Exception {
    ireland = Signer.until(END);
    frankfurt = Signer.until(END);
    mallory = Signer.until(END);
    store = StoreFixture.open(folder);
    Ec2Records records = new Ec2Records(store.database(), store.writer());
    records.chosen(CLAIM.launch(), choice("arn:aws:iam::111122223333:role/muster"), time.instant());
    records.chosen(ELSEWHERE.launch(), choice(""), time.instant());
    verifier =
        new Ec2IdentityVerifier(
            new IdentityCertificates(
                Map.of(
                    "eu-west-1",
                    List.of(ireland.certificate),
                    "eu-central-1",
                    List.of(frankfurt.certificate),
                    "eu-north-1",
                    List.of(Signer.until(time.instant().minusSeconds(1)).certificate))),
            records,
            time);
  }

  @AfterAll
  void close() {
    store.close();
  }

  @Test
  void documentThatAwsSignedForThisMachineProvesIt() throws Exception {
    assertThat(verify(ireland.sign(document("i-0123456789abcdef0", "eu-west-1", "111122223333"))))
        .isEqualTo(new Verdict.Proven());
    String oneLine =
        ireland
            .sign(document("i-0123456789abcdef0", "eu-west-1", "111122223333"))
            .replace("\n", "");
    assertThat(verify(oneLine)).isEqualTo(new Verdict.Proven());
  }

  @Test
  void accountIsComparedWhereItIsKnown() throws Exception {
    String other = ireland.sign(document("i-0123456789abcdef0", "eu-west-1", "999999999999"));
    refuted(verify(other), "accountId is '999999999999', not '111122223333'");
    assertThat(verifier.verify(ELSEWHERE, Optional.of(other))).isEqualTo(new Verdict.Proven());
  }

  @Test
  void documentOfAnotherMachineOrRegionIsRefuted() throws Exception {
    refuted(
        verify(ireland.sign(document("i-0fffffffffffffff0", "eu-west-1", "111122223333"))),
        "instanceId is 'i-0fffffffffffffff0'");
    refuted(
        verify(ireland.sign(document("i-0123456789abcdef0", "eu-central-1", "111122223333"))),
        "region is 'eu-central-1'");
    refuted(
        verify(frankfurt.sign(document("i-0123456789abcdef0", "eu-west-1", "111122223333"))),
        "not as AWS signed it in eu-west-1");
    refuted(verify(ireland.sign("{}")), "instanceId is ''");
    refuted(verify(ireland.sign("[")), "not JSON");
  }

  @Test
  void signatureOfAnybodyElseIsRefutedWhateverCertificateItBrings() throws Exception {
    refuted(
        verify(mallory.sign(document("i-0123456789abcdef0", "eu-west-1", "111122223333"))),
        "not as AWS signed it");
  }

  @Test
  void tamperedDocumentIsRefuted() throws Exception {
    String signed = ireland.sign(document("i-0fffffffffffffff0", "eu-west-1", "111122223333"));
    byte[] der = Base64.getMimeDecoder().decode(signed);
    String text = new String(der, StandardCharsets.ISO_8859_1);
    String forged = text.replace("i-0fffffffffffffff0", "i-0123456789abcdef0");
    assertThat(forged).isNotEqualTo(text);
    refuted(
        verify(Base64.getEncoder().encodeToString(forged.getBytes(StandardCharsets.ISO_8859_1))),
        "not as AWS signed it");
  }

  @Test
  void signatureWithoutContentAndSeveralSignaturesAreRefuted() throws Exception {
    String document = document("i-0123456789abcdef0", "eu-west-1", "111122223333");
    refuted(verify(ireland.detached(document)), "nothing that is signed");
    refuted(verify(ireland.signedTwice(document)), "2 signatures");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello!", "aGVsbG8=", "MIAGCSqGSIb3DQEHAqCA", "MAA=", "MIID"})
  void whatIsNoSignedDocumentIsRefuted(String sent) {
    refuted(verify(sent), "cannot be read");
  }

  @Test
  void certificateThatExpiredProvesNothing() throws Exception {
    Claim north = new Claim(CLAIM.instance(), CLAIM.launch(), "eu-north-1");
    refuted(
        verifier.verify(north, Optional.of(ireland.sign("{}"))),
        "expired at 2026-03-01T11:59:59Z; add the newer one with identity_certificates");
  }

  @Test
  void withoutDocumentOrCertificateItIsUndecided() {
    undecided(verifier.verify(CLAIM, Optional.empty()), "build the runner's image anew");
    Claim unknown = new Claim(CLAIM.instance(), CLAIM.launch(), "xx-west-9");
    undecided(verifier.verify(unknown, Optional.of("x")), "xx-west-9", "identity_certificates");
  }

  private Verdict verify(String document) {
    return verifier.verify(CLAIM, Optional.of(document));
  }

  private static void refuted(Verdict verdict, String why) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Refuted.class, refuted -> assertThat(refuted.reason()).contains(why));
  }

  private static void undecided(Verdict verdict, String... why) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Undecided.class, undecided -> assertThat(undecided.reason()).contains(why));
  }

  private static Claim claim(String instance, String launch) {
    return new Claim(instance, launch, "eu-west-1");
  }

  private static FleetChoice choice(String role) {
    return new FleetChoice(
        role,
        new MachineTemplate("ami-1", "/dev/sda1", 40, List.of(), "", true, Map.of()),
        List.of(),
        List.of(new Place("c7g.large", "subnet-a", "eu-west-1a")),
        Map.of());
  }

  /** As the documentation shows one. */
  private static String document(String instance, String region, String account) {
    return """
    {"devpayProductCodes": null, "availabilityZone": "%sa", "privateIp": "10.158.112.84",
     "version": "2017-09-30", "instanceId": "%s", "billingProducts": null,
     "instanceType": "t2.micro", "accountId": "%s", "imageId": "ami-5fb8c835",
     "pendingTime": "2026-03-01T11:59:00Z", "architecture": "x86_64", "region": "%s"}
    """
        .formatted(region, instance, account, region);
  }
}
