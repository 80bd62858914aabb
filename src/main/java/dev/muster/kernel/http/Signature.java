package dev.muster.kernel.http;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 over raw bytes, compared in constant time. */
public final class Signature {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String PREFIX = "sha256=";

  private Signature() {}

  /** The lower-case hex HMAC-SHA256 of {@code body}. */
  public static String hex(String secret, byte[] body) {
    return HexFormat.of().formatHex(hmac(secret.getBytes(StandardCharsets.UTF_8), body));
  }

  /** HMAC-SHA256 of {@code body} under {@code key}. */
  public static byte[] hmac(byte[] key, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has " + ALGORITHM, e);
    }
  }

  /**
   * Whether {@code header} ({@code sha256=HEX}) signs {@code body} under any of the live secrets.
   * Every secret is tried whatever the one before it said, so that time tells nothing.
   */
  public static boolean holds(String header, byte[] body, Collection<String> secrets) {
    if (!header.startsWith(PREFIX) || header.length() != PREFIX.length() + 64) {
      return false;
    }
    byte[] claimed;
    try {
      claimed = HexFormat.of().parseHex(header, PREFIX.length(), header.length());
    } catch (IllegalArgumentException e) {
      return false;
    }
    boolean any = false;
    for (String secret : secrets) {
      any |= MessageDigest.isEqual(claimed, hmac(secret.getBytes(StandardCharsets.UTF_8), body));
    }
    return any;
  }
}
