package dev.muster.kernel.replication.aws;

import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.replication.SharedTable;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** Opens tables in DynamoDB; a client is made for each. */
public final class DynamoDbTables {
  /** What follows the prefix that the config names. */
  private static final String SUFFIX = "-state";

  private DynamoDbTables() {}

  /**
   * Opens a table; asks nothing of it yet.
   *
   * @param prefix as the config has it under {@code environments.NAME.tables}
   * @param role that the environment's account has for this appliance; empty for the machine's own
   */
  public static SharedTable open(
      AwsAccess access, String region, String prefix, Optional<String> role) {
    DynamoDbClient client =
        access
            .configured(DynamoDbClient.builder(), region, role)
            .overrideConfiguration(access.lookingOverrides().build())
            .build();
    DynamoDbStreamsClient streams =
        access
            .configured(DynamoDbStreamsClient.builder(), region, role)
            .overrideConfiguration(access.lookingOverrides().build())
            .build();
    return new DynamoDbTable(prefix + SUFFIX, client, streams);
  }
}
