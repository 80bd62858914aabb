package dev.muster.fleet.github;

import dev.muster.config.SecretRef;
import dev.muster.kernel.reconcile.StalledException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A GitHub App's private key. What it is made of shows in no message. */
final class AppKey {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  /** PKCS#8's version 0 and the algorithm rsaEncryption, which stand before a PKCS#1 key. */
  private static final byte[] RSA_HEADER =
      HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;

  private final PrivateKey key;

  private AppKey(PrivateKey key) {
    this.key = key;
  }

  /**
   * Reads a PEM, PKCS#1 as GitHub hands it out or PKCS#8.
   *
   * @param name the secret that holds it, for messages
   * @throws StalledException when it is not such a key
   */
  static AppKey parse(SecretRef name, String pem) {
    Matcher matcher = PEM.matcher(pem);
    if (!matcher.find()) {
      throw wrong(name, "is not a PEM file");
    }
    byte[] pkcs8 =
        switch (matcher.group(1)) {
          case "RSA PRIVATE KEY" -> wrap(content(name, matcher.group(2)));
          case "PRIVATE KEY" -> content(name, matcher.group(2));
          case "ENCRYPTED PRIVATE KEY" -> throw wrong(name, "is protected by a passphrase");
          default -> throw wrong(name, "is a PEM, but not of an RSA private key");
        };
    try {
      return new AppKey(
          KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
    } catch (GeneralSecurityException e) {
      // The cause is left out: a parser may quote what it could not read.
      throw wrong(name, "is damaged or not of an RSA private key");
    }
  }

  /** RS256: PKCS#1 v1.5 over SHA-256. */
  byte[] sign(String text) {
    try {
      Signature signer = Signature.getInstance("SHA256withRSA");
      signer.initSign(key);
      signer.update(text.getBytes(StandardCharsets.US_ASCII));
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java signs with RSA", e);
    }
  }

  private static byte[] content(SecretRef name, String base64) {
    if (base64.contains("Proc-Type:")) {
      throw wrong(name, "is protected by a passphrase");
    }
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw wrong(name, "is cut short or damaged");
    }
  }

  private static byte[] wrap(byte[] pkcs1) {
    ByteArrayOutputStream inner = new ByteArrayOutputStream();
    inner.writeBytes(RSA_HEADER);
    inner.writeBytes(der(OCTET_STRING, pkcs1));
    return der(SEQUENCE, inner.toByteArray());
  }

  private static byte[] der(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 4);
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length < 0x100) {
      out.write(0x81);
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static StalledException wrong(SecretRef name, String what) {
    return new StalledException(
        "GitHub App: the secret '%s' %s; put the .pem file of the App's settings page there"
            .formatted(name.name(), what),
        null);
  }
}
