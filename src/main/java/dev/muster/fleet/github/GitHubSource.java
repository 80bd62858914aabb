package dev.muster.fleet.github;

import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.kernel.http.Signature;
import dev.muster.webhook.WebhookSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** GitHub as a sender of webhooks. */
public final class GitHubSource implements WebhookSource {
  /** GitHub sends at most 25 MiB. */
  static final int LIMIT = 26_214_400;

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_.-]{1,100}");

  private final Supplier<Optional<GitHubSpec>> spec;
  private final Secrets secrets;

  /**
   * @param spec the one in force, asked at each delivery
   */
  public GitHubSource(Supplier<Optional<GitHubSpec>> spec, Secrets secrets) {
    this.spec = spec;
    this.secrets = secrets;
  }

  @Override
  public String name() {
    return "github";
  }

  @Override
  public int limit() {
    return LIMIT;
  }

  @Override
  public Verification verify(Function<String, Optional<String>> headers, byte[] body) {
    List<SecretRef> named = spec.get().map(GitHubSpec::webhookSecrets).orElse(List.of());
    if (named.isEmpty()) {
      return new Verification.NotConfigured("Name github.webhook_secret in the config");
    }
    List<String> live =
        named.stream()
            .flatMap(ref -> secrets.value(ref).stream())
            .filter(value -> !value.isEmpty())
            .toList();
    if (live.isEmpty()) {
      return new Verification.NotConfigured("Add to secrets.yml: " + names(named));
    }
    Optional<String> signature = headers.apply("x-hub-signature-256");
    if (signature.isEmpty()) {
      return new Verification.Forged("The header X-Hub-Signature-256 is missing");
    }
    if (!Signature.holds(signature.get(), body, live)) {
      return new Verification.Forged("The signature does not hold under any live secret");
    }
    return identify(headers);
  }

  private static Verification identify(Function<String, Optional<String>> headers) {
    Optional<String> event = headers.apply("x-github-event");
    Optional<String> delivery = headers.apply("x-github-delivery");
    if (event.filter(GitHubSource::token).isEmpty()) {
      return new Verification.Malformed("The header X-GitHub-Event is missing or unreadable");
    }
    if (delivery.filter(GitHubSource::token).isEmpty()) {
      return new Verification.Malformed("The header X-GitHub-Delivery is missing or unreadable");
    }
    return new Verification.Genuine(delivery.get(), event.get());
  }

  private static boolean token(String value) {
    return TOKEN.matcher(value).matches();
  }

  private static String names(List<SecretRef> named) {
    return named.stream().map(SecretRef::name).collect(Collectors.joining(", "));
  }
}
