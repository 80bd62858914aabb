package dev.muster.sandbox;

import java.time.Instant;

/**
 * One attempt to send a webhook.
 *
 * @param id rises with time
 * @param guid as in {@code X-GitHub-Delivery}
 * @param status in GitHub's words, {@code OK} for any 2xx
 * @param statusCode the receiver's answer; 502 where none came
 * @param payload the body as sent
 */
public record SandboxDelivery(
    long id,
    String guid,
    Instant deliveredAt,
    HookEvent about,
    String status,
    int statusCode,
    String payload) {
  public boolean arrived() {
    return statusCode >= 200 && statusCode < 300;
  }
}
