package dev.muster.kernel.aws;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * What {@link AwsAccess} opened. A class of its own, since the JVM loads what it must compare when
 * it verifies a class, and every appliance has an {@code AwsAccess}.
 */
final class Shared {
  static final Duration ATTEMPT = Duration.ofSeconds(15);

  /** One for each reconcile under way, and what else there is: none waits for another's. */
  private static final int CONNECTIONS = 96;

  private record Account(String region, String role) {}

  private final AwsAccess access;
  private final SdkHttpClient http;
  private final DefaultCredentialsProvider own;
  private final Map<Account, AwsCredentialsProvider> roles = new HashMap<>();
  private final Deque<SdkAutoCloseable> opened = new ArrayDeque<>();

  Shared(AwsAccess access) {
    this.access = access;
    this.http =
        Apache5HttpClient.builder()
            .maxConnections(CONNECTIONS)
            .connectionTimeout(Duration.ofSeconds(5))
            .socketTimeout(ATTEMPT)
            .build();
    this.own = DefaultCredentialsProvider.builder().build();
  }

  SdkHttpClient http() {
    return http;
  }

  AwsCredentialsProvider own() {
    return own;
  }

  synchronized AwsCredentialsProvider credentials(String region, Optional<String> role) {
    return role.map(arn -> roles.computeIfAbsent(new Account(region, arn), this::assumed))
        .orElse(own);
  }

  private AwsCredentialsProvider assumed(Account account) {
    StsClient sts =
        access.configured(StsClient.builder(), account.region(), Optional.empty()).build();
    StsAssumeRoleCredentialsProvider role =
        StsAssumeRoleCredentialsProvider.builder()
            .stsClient(sts)
            .refreshRequest(request -> request.roleArn(account.role()).roleSessionName("muster"))
            .build();
    opened.push(sts);
    opened.push(role);
    return role;
  }

  static ClientOverrideConfiguration.Builder timed(
      Duration call, Duration attempt, Optional<AwsAccess.Tracing> tracing, boolean looking) {
    ClientOverrideConfiguration.Builder calls =
        ClientOverrideConfiguration.builder().apiCallTimeout(call).apiCallAttemptTimeout(attempt);
    tracing.ifPresent(with ->
        calls.addExecutionInterceptor(new TracedCalls(with.opening(), with.clock(), looking)));
    return calls;
  }

  static ClientOverrideConfiguration.Builder adaptive(ClientOverrideConfiguration.Builder calls) {
    return calls.retryStrategy(AwsRetryStrategy.adaptiveRetryStrategy());
  }

  synchronized void close() {
    opened.forEach(SdkAutoCloseable::close);
    own.close();
    http.close();
  }
}
