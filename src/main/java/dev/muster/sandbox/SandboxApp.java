package dev.muster.sandbox;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The App that the sandbox knows, with the credentials an appliance needs to act as it.
 *
 * @param privateKeyPem PKCS#1, as GitHub hands keys out
 */
public record SandboxApp(
    long id, String slug, String privateKeyPem, String webhookSecret, PublicKey publicKey) {
  /** The PKCS#8 envelope about the PKCS#1 form of a 2048-bit key. */
  private static final int ENVELOPE = 26;

  /** Makes an App with a new key and a new webhook secret. */
  public static SandboxApp generate(long id) {
    SecureRandom random = new SecureRandom();
    byte[] secret = new byte[20];
    random.nextBytes(secret);
    KeyPair pair = keyPair(random);
    return new SandboxApp(
        id,
        "muster-sandbox",
        pem(pair.getPrivate().getEncoded()),
        HexFormat.of().formatHex(secret),
        pair.getPublic());
  }

  private static KeyPair keyPair(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048, random);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has RSA", e);
    }
  }

  private static String pem(byte[] pkcs8) {
    byte[] pkcs1 = Arrays.copyOfRange(pkcs8, ENVELOPE, pkcs8.length);
    Base64.Encoder lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
    return "-----BEGIN RSA PRIVATE KEY-----\n"
        + lines.encodeToString(pkcs1)
        + "\n-----END RSA PRIVATE KEY-----\n";
  }

  @Override
  public String toString() {
    return "SandboxApp[" + id + ", " + slug + "]";
  }
}
