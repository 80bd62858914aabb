package dev.muster.infra.aws;

import dev.muster.infra.InfraNames;
import dev.muster.kernel.notice.Finding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** A queue that appliances read, with its dead-letter queue. */
final class QueueLook {
  private final SqsClient client;
  private final String name;
  private final Look look;
  private Optional<String> arn = Optional.empty();

  QueueLook(SqsClient client, String name, String template) {
    this.client = client;
    this.name = name;
    this.look = new Look("queue " + name, template);
  }

  /**
   * What differs.
   *
   * @param whoNeedsIt if it is not there
   */
  List<Finding> compare(String whoNeedsIt) {
    Optional<String> url =
        look.ask("sqs:GetQueueUrl", () -> client.getQueueUrl(r -> r.queueName(name)).queueUrl());
    if (url.isEmpty()) {
      look.absentWhereWanted(whoNeedsIt);
      return look.findings();
    }
    look.ask(
            "sqs:GetQueueAttributes",
            () ->
                client
                    .getQueueAttributes(
                        r -> r.queueUrl(url.get()).attributeNames(QueueAttributeName.ALL))
                    .attributes())
        .ifPresent(this::compare);
    look.mayDo(
        "sqs:DeleteMessage",
        Set.of("ReceiptHandleIsInvalid", "InvalidParameterValue", "InvalidAddress"),
        () -> client.deleteMessage(r -> r.queueUrl(url.get()).receiptHandle("muster-infra-check")));
    return look.findings();
  }

  /** Its ARN, once it was compared; empty where it is not there or cannot be seen. */
  Optional<String> arn() {
    return arn;
  }

  private void compare(Map<QueueAttributeName, String> there) {
    arn = Optional.ofNullable(there.get(QueueAttributeName.QUEUE_ARN));
    String redrive = there.getOrDefault(QueueAttributeName.REDRIVE_POLICY, "none");
    if (!redrive.contains(":" + InfraNames.dead(name) + "\"")) {
      look.same("the dead-letter queue", InfraNames.dead(name), redrive);
    }
    boolean encrypted =
        "true".equals(there.get(QueueAttributeName.SQS_MANAGED_SSE_ENABLED))
            || there.containsKey(QueueAttributeName.KMS_MASTER_KEY_ID);
    look.same("encryption", true, encrypted);
  }
}
