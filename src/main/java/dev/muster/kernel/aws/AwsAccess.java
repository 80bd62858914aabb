package dev.muster.kernel.aws;

import dev.muster.kernel.tracing.Telemetry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;

/**
 * What the clients of all services share: connections, credentials of the machine and of roles,
 * which are renewed before they end, and a span for each call. Nothing is made, and no class of the
 * SDK loaded, before it is asked for.
 */
public final class AwsAccess implements AutoCloseable {
  private static final Duration CALL = Duration.ofSeconds(40);

  /** Where spans go. */
  record Tracing(Future<Telemetry> opening, InstantSource clock) {}

  private final Optional<Tracing> tracing;
  private @Nullable Shared shared;

  /** Whose calls are no spans. */
  public AwsAccess() {
    this.tracing = Optional.empty();
  }

  /**
   * Whose calls are spans.
   *
   * @param opening calls before it is done are no spans
   */
  public AwsAccess(Future<Telemetry> opening, InstantSource clock) {
    this.tracing = Optional.of(new Tracing(opening, clock));
  }

  private synchronized Shared shared() {
    Shared made = shared == null ? new Shared(this) : shared;
    shared = made;
    return made;
  }

  /** The connections that all clients share, which is why none of them closes it. */
  public SdkHttpClient http() {
    return shared().http();
  }

  /** The machine's own credentials, from wherever the SDK finds them. */
  public AwsCredentialsProvider own() {
    return shared().own();
  }

  /**
   * A client's builder with all that is shared, for calls as {@link #overrides} has them.
   *
   * @param role the ARN of the one whose credentials it has, taken on in {@code region}; empty for
   *     the machine's own
   */
  public <B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> B configured(
      B builder, String region, Optional<String> role) {
    return builder
        .httpClient(http())
        .region(Region.of(region))
        .credentialsProvider(shared().credentials(region, role))
        .overrideConfiguration(overrides().build());
  }

  /** Calls that slow down when the service says so, and are given up after 40 s. */
  public ClientOverrideConfiguration.Builder overrides() {
    return Shared.adaptive(Shared.timed(CALL, Shared.ATTEMPT, tracing, false));
  }

  /** The same for a client that loops ask many times a minute: a call alone begins no trace. */
  public ClientOverrideConfiguration.Builder lookingOverrides() {
    return Shared.adaptive(Shared.timed(CALL, Shared.ATTEMPT, tracing, true));
  }

  /**
   * Calls that may take so long.
   *
   * @param call with all its tries
   * @param attempt each of them, whatever the connections would wait
   */
  public ClientOverrideConfiguration.Builder within(Duration call, Duration attempt) {
    return Shared.timed(call, attempt, tracing, false);
  }

  @Override
  public synchronized void close() {
    if (shared != null) {
      shared.close();
    }
  }
}
