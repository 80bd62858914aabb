package dev.muster.config.aws;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;

/**
 * The clients of both stores, made at first use. What they share is made with the first of them.
 */
final class SecretClients {
  /** A webhook waits for both stores at worst, and GitHub waits ten seconds for the webhook. */
  private static final Duration CALL = Duration.ofSeconds(4);

  private static final Duration ATTEMPT = Duration.ofSeconds(2);

  /** What both share. */
  private record Shared(SdkHttpClient http, DefaultCredentialsProvider credentials) {
    static Shared make() {
      return new Shared(
          Apache5HttpClient.builder()
              .maxConnections(8)
              .connectionTimeout(ATTEMPT)
              .socketTimeout(ATTEMPT)
              .build(),
          DefaultCredentialsProvider.builder().build());
    }
  }

  private final Optional<String> region;
  private @Nullable Shared shared;
  private @Nullable SsmClient ssm;
  private @Nullable SecretsManagerClient secretsManager;

  private SecretClients(Optional<String> region) {
    this.region = region;
  }

  /**
   * Both stores, in the order that they are asked in.
   *
   * @param region empty for the one that the SDK finds
   */
  static AwsSecrets.Stores stores(String prefix, Optional<String> region) {
    SecretClients clients = new SecretClients(region);
    return new AwsSecrets.Stores(
        List.of(
            new ParameterStore(prefix, clients::ssm),
            new SecretsManagerStore(prefix, clients::secretsManager)),
        clients::close);
  }

  private synchronized SsmClient ssm() {
    SsmClient made = ssm == null ? configured(SsmClient.builder()).build() : ssm;
    ssm = made;
    return made;
  }

  private synchronized SecretsManagerClient secretsManager() {
    SecretsManagerClient made =
        secretsManager == null
            ? configured(SecretsManagerClient.builder()).build()
            : secretsManager;
    secretsManager = made;
    return made;
  }

  private synchronized <B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C>
      B configured(B builder) {
    Shared with = shared == null ? Shared.make() : shared;
    shared = with;
    region.map(Region::of).ifPresent(builder::region);
    return builder
        .httpClient(with.http())
        .credentialsProvider(with.credentials())
        .overrideConfiguration(
            ClientOverrideConfiguration.builder()
                .apiCallTimeout(CALL)
                .apiCallAttemptTimeout(ATTEMPT)
                .build());
  }

  private synchronized void close() {
    if (ssm != null) {
      ssm.close();
    }
    if (secretsManager != null) {
      secretsManager.close();
    }
    if (shared != null) {
      shared.credentials().close();
      shared.http().close();
    }
  }
}
