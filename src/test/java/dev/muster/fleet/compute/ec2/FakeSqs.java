package dev.muster.fleet.compute.ec2;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/** A queue that hands out what was not deleted, and holds its answer back while it is empty. */
final class FakeSqs implements SqsClient {
  final Map<String, String> messages = new ConcurrentSkipListMap<>();
  final CountDownLatch waiting = new CountDownLatch(1);
  volatile int waitSeconds;
  private int sent;

  void send(String body) {
    messages.put("m-%03d".formatted(++sent), body);
  }

  @Override
  public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
    waitSeconds = request.waitTimeSeconds();
    if (messages.isEmpty()) {
      hold();
    }
    List<Message> some =
        messages.entrySet().stream()
            .limit(request.maxNumberOfMessages())
            .map(e ->
                Message.builder()
                    .messageId(e.getKey())
                    .receiptHandle(e.getKey())
                    .body(e.getValue())
                    .build())
            .toList();
    return ReceiveMessageResponse.builder().messages(some).build();
  }

  /** As the SDK does when its thread is interrupted. */
  private void hold() {
    waiting.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AbortedException.create("interrupted", e);
    }
  }

  @Override
  public DeleteMessageResponse deleteMessage(DeleteMessageRequest request) {
    messages.remove(request.receiptHandle());
    return DeleteMessageResponse.builder().build();
  }

  @Override
  public String serviceName() {
    return "sqs";
  }

  @Override
  public void close() {}
}
