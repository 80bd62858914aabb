package dev.muster.infra;

import static dev.muster.infra.Cfn.arn;
import static dev.muster.infra.Cfn.map;
import static dev.muster.infra.Cfn.ref;
import static dev.muster.infra.Cfn.sub;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The bucket of the Actions cache in one region, and its copies to the others. */
final class CachePart {
  /** A cache that nobody asked for in this time is made anew. */
  private static final int CACHE_DAYS = 14;

  private final EnvironmentPlace place;
  private final Stack stack;

  CachePart(EnvironmentPlace place, Stack stack) {
    this.place = place;
    this.stack = stack;
  }

  void add() {
    Optional<String> named = InfraNames.bucket(place.environment(), place.home(), place.region());
    if (named.isEmpty()) {
      return;
    }
    String name = named.get();
    Map<String, Object> properties =
        map(
            "BucketName",
            name,
            "BucketEncryption",
            map(
                "ServerSideEncryptionConfiguration",
                List.of(map("ServerSideEncryptionByDefault", map("SSEAlgorithm", "AES256")))),
            "OwnershipControls",
            map("Rules", List.of(map("ObjectOwnership", "BucketOwnerEnforced"))),
            "PublicAccessBlockConfiguration",
            map(
                "BlockPublicAcls",
                true,
                "BlockPublicPolicy",
                true,
                "IgnorePublicAcls",
                true,
                "RestrictPublicBuckets",
                true),
            "VersioningConfiguration",
            map("Status", "Enabled"),
            "LifecycleConfiguration",
            map("Rules", List.of(lifecycle())));
    if (!place.others().isEmpty()) {
      properties.put("ReplicationConfiguration", Cfn.when("Replicates", replication()));
      replicationRole(name);
    }
    properties.put("Tags", place.tags());
    stack
        .kept("Cache", "AWS::S3::Bucket", properties)
        .resource(
            "CachePolicy",
            "AWS::S3::BucketPolicy",
            map(
                "Bucket",
                ref("Cache"),
                "PolicyDocument",
                Cfn.policy(
                    List.of(
                        Cfn.denyWithoutTls("s3:*", List.of(arn("Cache"), sub("${Cache.Arn}/*")))))))
        .output("CacheBucket", "The Actions cache of this region", ref("Cache"));
  }

  private static Map<String, Object> lifecycle() {
    return map(
        "Id",
        "expire",
        "Status",
        "Enabled",
        "ExpirationInDays",
        CACHE_DAYS,
        "NoncurrentVersionExpiration",
        map("NoncurrentDays", 1),
        "AbortIncompleteMultipartUpload",
        map("DaysAfterInitiation", 1));
  }

  /** Buckets must be there before anything is copied to them: so it is the second of two rounds. */
  private Map<String, Object> replication() {
    List<String> others = place.others();
    return map(
        "Role",
        arn("ReplicationRole"),
        "Rules",
        IntStream.range(0, others.size())
            .mapToObj(i ->
                map(
                    "Id",
                    "to-" + others.get(i),
                    "Status",
                    "Enabled",
                    "Priority",
                    i + 1,
                    "Filter",
                    map("Prefix", ""),
                    "DeleteMarkerReplication",
                    map("Status", "Disabled"),
                    "Destination",
                    map("Bucket", bucketArn(others.get(i)))))
            .toList());
  }

  private Map<String, Object> bucketArn(String in) {
    return sub(
        "arn:${AWS::Partition}:s3:::"
            + InfraNames.bucket(place.environment(), place.home(), in).orElseThrow());
  }

  private void replicationRole(String name) {
    String arn = "arn:${AWS::Partition}:s3:::" + name;
    stack
        .choice(
            "Replicate",
            false,
            "Copy the cache to the other regions; true once the stacks of all regions are made")
        .condition("Replicates", Cfn.equal("Replicate", "true"))
        .resource(
            "ReplicationRole",
            "AWS::IAM::Role",
            "Replicates",
            map(
                "Description",
                "Copies the Actions cache of "
                    + place.environment().name()
                    + " to its other regions",
                "AssumeRolePolicyDocument",
                Cfn.trust("s3.amazonaws.com"),
                "Policies",
                List.of(
                    map(
                        "PolicyName",
                        "copy",
                        "PolicyDocument",
                        Cfn.policy(
                            List.of(
                                Cfn.allow(
                                    "Look",
                                    List.of("s3:GetReplicationConfiguration", "s3:ListBucket"),
                                    sub(arn)),
                                Cfn.allow(
                                    "Read",
                                    List.of(
                                        "s3:GetObjectVersionAcl",
                                        "s3:GetObjectVersionForReplication",
                                        "s3:GetObjectVersionTagging"),
                                    sub(arn + "/*")),
                                Cfn.allow(
                                    "Write",
                                    List.of("s3:ReplicateObject", "s3:ReplicateTags"),
                                    place.others().stream()
                                        .map(in ->
                                            sub(
                                                "arn:${AWS::Partition}:s3:::"
                                                    + InfraNames.bucket(
                                                            place.environment(), place.home(), in)
                                                        .orElseThrow()
                                                    + "/*"))
                                        .toList()))))),
                "Tags",
                place.tags()));
  }
}
