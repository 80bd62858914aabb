package dev.muster.infra.aws;

import dev.muster.kernel.aws.AwsAccess;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.services.apigatewayv2.ApiGatewayV2Client;
import software.amazon.awssdk.services.budgets.BudgetsClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** The clients of one check: with the credentials of whoever runs it, or of an account's role. */
final class Clients implements AutoCloseable {
  private final AwsAccess access = new AwsAccess();
  private final Deque<SdkAutoCloseable> opened = new ArrayDeque<>();

  StsClient identity(String region, Optional<String> role) {
    return made(StsClient.builder(), region, role);
  }

  DynamoDbClient tables(String region, Optional<String> role) {
    return made(DynamoDbClient.builder(), region, role);
  }

  IamClient permissions(String region, Optional<String> role) {
    return made(IamClient.builder(), region, role);
  }

  SqsClient queues(String region) {
    return made(SqsClient.builder(), region, Optional.empty());
  }

  ApiGatewayV2Client apis(String region) {
    return made(ApiGatewayV2Client.builder(), region, Optional.empty());
  }

  EventBridgeClient rules(String region) {
    return made(EventBridgeClient.builder(), region, Optional.empty());
  }

  BudgetsClient budgets(String region, Optional<String> role) {
    return made(BudgetsClient.builder(), region, role);
  }

  S3Client buckets(String region, Optional<String> role) {
    return made(S3Client.builder(), region, role);
  }

  private <
          B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C extends SdkAutoCloseable>
      C made(B builder, String region, Optional<String> role) {
    C client = access.configured(builder, region, role).build();
    opened.push(client);
    return client;
  }

  @Override
  public void close() {
    opened.forEach(SdkAutoCloseable::close);
    access.close();
  }
}
