package dev.muster.config.aws;

import dev.muster.kernel.aws.AwsAccess;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;

/** The clients of both stores, made at first use. */
final class SecretClients {
  /** A webhook waits for both stores at worst, and GitHub waits ten seconds for the webhook. */
  private static final Duration CALL = Duration.ofSeconds(4);

  private static final Duration ATTEMPT = Duration.ofSeconds(2);

  private final AwsAccess access;
  private final Optional<String> region;
  private @Nullable SsmClient ssm;
  private @Nullable SecretsManagerClient secretsManager;

  private SecretClients(AwsAccess access, Optional<String> region) {
    this.access = access;
    this.region = region;
  }

  /**
   * Both stores, in the order that they are asked in.
   *
   * @param region empty for the one that the SDK finds
   */
  static AwsSecrets.Stores stores(AwsAccess access, String prefix, Optional<String> region) {
    SecretClients clients = new SecretClients(access, region);
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

  private <B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> B configured(
      B builder) {
    region.map(Region::of).ifPresent(builder::region);
    return builder
        .httpClient(access.http())
        .credentialsProvider(access.own())
        .overrideConfiguration(access.within(CALL, ATTEMPT).build());
  }

  private synchronized void close() {
    if (ssm != null) {
      ssm.close();
    }
    if (secretsManager != null) {
      secretsManager.close();
    }
  }
}
