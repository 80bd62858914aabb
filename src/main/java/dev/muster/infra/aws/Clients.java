package dev.muster.infra.aws;

import dev.muster.fleet.spec.EnvironmentSpec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** The clients of one check: the appliance's own credentials, or an environment's role. */
final class Clients implements AutoCloseable {
  private static final Duration CALL = Duration.ofSeconds(20);

  private final SdkHttpClient http =
      Apache5HttpClient.builder()
          .connectionTimeout(Duration.ofSeconds(5))
          .socketTimeout(CALL)
          .build();
  private final AwsCredentialsProvider own = DefaultCredentialsProvider.builder().build();
  private final Deque<SdkAutoCloseable> opened = new ArrayDeque<>();

  private static ClientOverrideConfiguration limits() {
    return ClientOverrideConfiguration.builder()
        .apiCallTimeout(CALL.multipliedBy(2))
        .apiCallAttemptTimeout(CALL)
        .build();
  }

  AwsCredentialsProvider own() {
    return own;
  }

  /** Those of an environment's account. */
  AwsCredentialsProvider of(EnvironmentSpec environment, String region) {
    return environment
        .accountRole()
        .<AwsCredentialsProvider>map(role ->
            open(
                StsAssumeRoleCredentialsProvider.builder()
                    .stsClient(sts(region, own))
                    .refreshRequest(
                        request -> request.roleArn(role).roleSessionName("muster-infra-check"))
                    .build()))
        .orElse(own);
  }

  StsClient sts(String region, AwsCredentialsProvider credentials) {
    return open(
        StsClient.builder()
            .httpClient(http)
            .region(Region.of(region))
            .credentialsProvider(credentials)
            .overrideConfiguration(limits())
            .build());
  }

  DynamoDbClient tables(String region, AwsCredentialsProvider credentials) {
    return open(
        DynamoDbClient.builder()
            .httpClient(http)
            .region(Region.of(region))
            .credentialsProvider(credentials)
            .overrideConfiguration(limits())
            .build());
  }

  SqsClient queues(String region) {
    return open(
        SqsClient.builder()
            .httpClient(http)
            .region(Region.of(region))
            .credentialsProvider(own)
            .overrideConfiguration(limits())
            .build());
  }

  S3Client buckets(String region, AwsCredentialsProvider credentials) {
    return open(
        S3Client.builder()
            .httpClient(http)
            .region(Region.of(region))
            .credentialsProvider(credentials)
            .overrideConfiguration(limits())
            .build());
  }

  private <T extends SdkAutoCloseable> T open(T client) {
    opened.push(client);
    return client;
  }

  @Override
  public void close() {
    opened.forEach(SdkAutoCloseable::close);
    http.close();
  }
}
