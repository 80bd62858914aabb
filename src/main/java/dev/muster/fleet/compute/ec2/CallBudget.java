package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.Throttles;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/**
 * Keeps the calls of one region and account under EC2's own limits, each operation with its bucket
 * as EC2 has it, and tells when EC2 throttles all the same. What is refused is tried again by the
 * SDK, more and more slowly and with jitter.
 *
 * <p>Sizes and rates are those of <a
 * href="https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html">EC2's guide</a>:
 * 100 and 20 a second for what only reads, 50 and 5 for what changes something.
 */
final class CallBudget implements ExecutionInterceptor {
  private static final int READS = 100;
  private static final int READS_A_SECOND = 20;
  private static final int CHANGES = 50;
  private static final int CHANGES_A_SECOND = 5;

  /** Beyond this whoever asked had better ask again later. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;

  private final String region;
  private final Throttles throttles;
  private final InstantSource clock;
  private final Map<String, TokenBucket> buckets = new ConcurrentHashMap<>();

  CallBudget(String region, Throttles throttles, InstantSource clock) {
    this.region = region;
    this.throttles = throttles;
    this.clock = clock;
  }

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    String operation = operation(attributes);
    Duration wait =
        buckets.computeIfAbsent(operation, this::bucket).take(clock.instant(), PATIENCE);
    if (wait.compareTo(PATIENCE) > 0) {
      throw SdkClientException.create(
          "%s is asked for more often than EC2 allows in %s; it is tried again"
              .formatted(operation, region));
    }
    if (wait.isPositive()) {
      LockSupport.parkNanos(wait.toNanos());
    }
  }

  /** Once for each try, those that the SDK repeats among them. */
  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    int status = context.httpResponse().statusCode();
    if (status == TOO_MANY || status == UNAVAILABLE) {
      throttles.throttled("ec2", region, operation(attributes));
    }
  }

  private static String operation(ExecutionAttributes attributes) {
    return String.valueOf(attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME));
  }

  private TokenBucket bucket(String operation) {
    return operation.startsWith("Describe")
        ? new TokenBucket(READS, READS_A_SECOND, clock.instant())
        : new TokenBucket(CHANGES, CHANGES_A_SECOND, clock.instant());
  }
}
