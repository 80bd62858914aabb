package dev.muster.fleet.compute.ec2;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSTypedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/**
 * A PKCS#7 message with its content. Certificates that it brings along are not looked at: whoever
 * wrote it chose them.
 */
final class SignedDocument {
  private final CMSSignedData message;
  private final byte[] content;

  private SignedDocument(CMSSignedData message, byte[] content) {
    this.message = message;
    this.content = content;
  }

  /** What was sent is no such message; the message says what is wrong. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(String message) {
      super(message);
    }
  }

  /**
   * Reads base64, as {@code /latest/dynamic/instance-identity/rsa2048} gives it, with or without
   * its line ends.
   */
  static SignedDocument read(String base64) throws Unreadable {
    byte[] der;
    try {
      der = Base64.getDecoder().decode(base64.replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      throw new Unreadable("it is not base64");
    }
    try {
      CMSSignedData message = new CMSSignedData(der);
      CMSTypedData content = message.getSignedContent();
      if (content == null) {
        throw new Unreadable("it has a signature and nothing that is signed");
      }
      if (message.getSignerInfos().size() != 1) {
        throw new Unreadable("it has " + message.getSignerInfos().size() + " signatures, not one");
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      content.write(bytes);
      return new SignedDocument(message, bytes.toByteArray());
    } catch (CMSException | IOException | RuntimeException e) {
      // The library's parsers throw unchecked ones too at what a stranger made up.
      throw new Unreadable("it is no PKCS#7 message");
    }
  }

  /** Only what was {@link #signedBy} somebody is to be believed. */
  byte[] content() {
    return content.clone();
  }

  /** Whether one of the certificates' keys signed the content as it is. */
  boolean signedBy(Collection<X509Certificate> certificates) {
    SignerInformation signer = message.getSignerInfos().iterator().next();
    return certificates.stream().anyMatch(certificate -> signed(signer, certificate));
  }

  private static boolean signed(SignerInformation signer, X509Certificate certificate) {
    try {
      return signer.verify(
          new JcaSimpleSignerInfoVerifierBuilder().build(certificate.getPublicKey()));
    } catch (CMSException | OperatorCreationException e) {
      return false; // as where the content's digest is another
    }
  }
}
