package dev.muster.kernel.aws;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * What the clients of all services share: connections, and credentials of the machine and of roles,
 * which are renewed before they end. Nothing is made before it is asked for.
 */
public final class AwsAccess implements AutoCloseable {
  private static final Duration CALL = Duration.ofSeconds(40);
  private static final Duration ATTEMPT = Duration.ofSeconds(15);

  private record Account(String region, String role) {}

  private @Nullable SdkHttpClient http;
  private @Nullable AwsCredentialsProvider own;
  private final Map<Account, AwsCredentialsProvider> roles = new HashMap<>();
  private final Deque<SdkAutoCloseable> opened = new ArrayDeque<>();

  /** The connections that all clients share, which is why none of them closes it. */
  public synchronized SdkHttpClient http() {
    SdkHttpClient made =
        http == null
            ? Apache5HttpClient.builder()
                .maxConnections(32)
                .connectionTimeout(Duration.ofSeconds(5))
                .socketTimeout(ATTEMPT)
                .build()
            : http;
    http = made;
    return made;
  }

  /** The machine's own credentials, from wherever the SDK finds them. */
  public synchronized AwsCredentialsProvider own() {
    AwsCredentialsProvider made = own == null ? DefaultCredentialsProvider.builder().build() : own;
    own = made;
    return made;
  }

  /**
   * The credentials of a role, taken on in {@code region}.
   *
   * @param role its ARN; empty for the machine's own
   */
  public synchronized AwsCredentialsProvider credentials(String region, Optional<String> role) {
    return role.map(arn -> roles.computeIfAbsent(new Account(region, arn), this::assumed))
        .orElseGet(this::own);
  }

  private AwsCredentialsProvider assumed(Account account) {
    StsClient sts =
        StsClient.builder()
            .httpClient(http())
            .region(Region.of(account.region()))
            .credentialsProvider(own())
            .overrideConfiguration(overrides().build())
            .build();
    StsAssumeRoleCredentialsProvider role =
        StsAssumeRoleCredentialsProvider.builder()
            .stsClient(sts)
            .refreshRequest(request -> request.roleArn(account.role()).roleSessionName("muster"))
            .build();
    opened.push(sts);
    opened.push(role);
    return role;
  }

  /** How long calls may take, and that they slow down when the service says so. */
  public static ClientOverrideConfiguration.Builder overrides() {
    return ClientOverrideConfiguration.builder()
        .apiCallTimeout(CALL)
        .apiCallAttemptTimeout(ATTEMPT)
        .retryStrategy(AwsRetryStrategy.adaptiveRetryStrategy());
  }

  @Override
  public synchronized void close() {
    opened.forEach(SdkAutoCloseable::close);
    if (http != null) {
      http.close();
    }
  }
}
