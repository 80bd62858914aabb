package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.compute.ec2.InterruptionQueue.Outcome;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** The queue against an emulator of SQS that we did not write. */
class InterruptionQueueMotoIT {
  private static final String MACHINE = "i-0123456789abcdef0";

  @Test
  void messagesAreTakenOnceAndDeleted() throws Exception {
    try (MotoServer moto = MotoServer.start();
        SqsClient sqs =
            SqsClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(moto.url())
                .region(Region.EU_WEST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .build()) {
      String url = sqs.createQueue(request -> request.queueName("muster")).queueUrl();
      RecordingListener listener = new RecordingListener();
      listener.known.add(MACHINE);
      List<Outcome> outcomes = new ArrayList<>();
      InterruptionQueue queue =
          new InterruptionQueue(
              "eu-west-1",
              URI.create(url),
              () -> sqs,
              listener,
              (region, outcome) -> outcomes.add(outcome));
      for (String body : List.of(Events.warning(MACHINE), Events.rebalance(MACHINE), "hello")) {
        sqs.sendMessage(request -> request.queueUrl(url).messageBody(body));
      }
      while (outcomes.size() < 3) {
        queue.take(sqs);
      }
      assertThat(outcomes)
          .containsExactlyInAnyOrder(Outcome.INTERRUPTED, Outcome.ENDANGERED, Outcome.MALFORMED);
      assertThat(listener.told).hasSize(2);
      var left =
          sqs.getQueueAttributes(request ->
              request
                  .queueUrl(url)
                  .attributeNames(
                      QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                      QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
      assertThat(left.attributes().values()).containsOnly("0");
    }
  }
}
