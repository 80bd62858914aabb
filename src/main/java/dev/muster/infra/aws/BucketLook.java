package dev.muster.infra.aws;

import dev.muster.kernel.notice.Finding;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.PublicAccessBlockConfiguration;

/** A cache bucket. */
final class BucketLook {
  private final S3Client client;
  private final String name;
  private final Look look;

  BucketLook(S3Client client, String name, String template) {
    this.client = client;
    this.name = name;
    this.look = new Look("bucket " + name, template);
  }

  /**
   * What differs.
   *
   * @param replicated whether other regions have one too
   */
  List<Finding> compare(boolean replicated) {
    Optional<?> there = look.ask("s3:ListBucket", () -> client.headBucket(r -> r.bucket(name)));
    if (there.isEmpty()) {
      look.absent();
      return look.findings();
    }
    same(
        "encryption",
        "s3:GetEncryptionConfiguration",
        () ->
            !client
                .getBucketEncryption(r -> r.bucket(name))
                .serverSideEncryptionConfiguration()
                .rules()
                .isEmpty());
    same(
        "versioning",
        "s3:GetBucketVersioning",
        () ->
            client.getBucketVersioning(r -> r.bucket(name)).status()
                == BucketVersioningStatus.ENABLED);
    same(
        "the block of public access",
        "s3:GetBucketPublicAccessBlock",
        () ->
            whole(
                client.getPublicAccessBlock(r -> r.bucket(name)).publicAccessBlockConfiguration()));
    same(
        "expiry of what is old",
        "s3:GetLifecycleConfiguration",
        () -> !client.getBucketLifecycleConfiguration(r -> r.bucket(name)).rules().isEmpty());
    same(
        "refusal of what comes without TLS",
        "s3:GetBucketPolicy",
        () -> client.getBucketPolicy(r -> r.bucket(name)).policy().contains("aws:SecureTransport"));
    if (replicated) {
      same(
          "copies to other regions",
          "s3:GetReplicationConfiguration",
          () ->
              !client
                  .getBucketReplication(r -> r.bucket(name))
                  .replicationConfiguration()
                  .rules()
                  .isEmpty());
    }
    return look.findings();
  }

  private void same(String what, String action, Supplier<Boolean> call) {
    look.ask(action, false, call).ifPresent(there -> look.same(what, "on", there ? "on" : "off"));
  }

  private static boolean whole(PublicAccessBlockConfiguration block) {
    return Boolean.TRUE.equals(block.blockPublicAcls())
        && Boolean.TRUE.equals(block.blockPublicPolicy())
        && Boolean.TRUE.equals(block.ignorePublicAcls())
        && Boolean.TRUE.equals(block.restrictPublicBuckets());
  }
}
