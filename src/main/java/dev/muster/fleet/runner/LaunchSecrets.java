package dev.muster.fleet.runner;

import dev.muster.kernel.http.Signature;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * The secret with which the machines of a launch enrol. It is derived from the appliance's own key
 * and the launch's id, so it is the same when the launch is repeated after a crash and is stored
 * nowhere.
 */
public final class LaunchSecrets {
  private final byte[] key;

  /**
   * @param key the appliance's key, at least 32 random bytes kept in a file under home
   */
  public LaunchSecrets(byte[] key) {
    if (key.length < 32) {
      throw new IllegalArgumentException("The appliance's key has fewer than 32 bytes");
    }
    this.key = key.clone();
  }

  public String of(LaunchId launch) {
    byte[] mac = Signature.hmac(key, ("launch:" + launch).getBytes(StandardCharsets.UTF_8));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(mac);
  }

  /** Compares in constant time. */
  public boolean holds(LaunchId launch, String claimed) {
    return MessageDigest.isEqual(
        of(launch).getBytes(StandardCharsets.UTF_8), claimed.getBytes(StandardCharsets.UTF_8));
  }
}
