package dev.muster.fleet.compute.ec2;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs as AWS does, with a key and a certificate of its own. */
final class Signer {
  private static final X500Name AWS =
      new X500Name("C=US,ST=Washington State,L=Seattle,O=Amazon Web Services LLC");

  private final KeyPair keys;
  final X509Certificate certificate;

  private Signer(KeyPair keys, X509Certificate certificate) {
    this.keys = keys;
    this.certificate = certificate;
  }

  /** With a certificate that is good for a year before {@code end}. */
  @SuppressWarnings("JavaUtilDate") // certificates know no other
  static Signer until(Instant end) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair keys = generator.generateKeyPair();
    var builder =
        new JcaX509v3CertificateBuilder(
            AWS,
            BigInteger.ONE,
            Date.from(end.minus(Duration.ofDays(365))),
            Date.from(end),
            AWS,
            keys.getPublic());
    return new Signer(
        keys,
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(
                    new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate()))));
  }

  String sign(String document) throws Exception {
    return encode(document, true, 1);
  }

  /** The signature without what it signs. */
  String detached(String document) throws Exception {
    return encode(document, false, 1);
  }

  String signedTwice(String document) throws Exception {
    return encode(document, true, 2);
  }

  private String encode(String document, boolean whole, int signatures) throws Exception {
    CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
    for (int i = 0; i < signatures; i++) {
      generator.addSignerInfoGenerator(
          new JcaSimpleSignerInfoGeneratorBuilder()
              .build("SHA256withRSA", keys.getPrivate(), certificate));
    }
    generator.addCertificates(new JcaCertStore(List.of(certificate)));
    byte[] content = document.getBytes(StandardCharsets.UTF_8);
    byte[] der = generator.generate(new CMSProcessableByteArray(content), whole).getEncoded();
    return Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
  }
}
