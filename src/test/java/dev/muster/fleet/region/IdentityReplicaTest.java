package dev.muster.fleet.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.kernel.replication.Item;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityReplicaTest {
  @TempDir private Path folder;
  private final IdentityReplica replica = new IdentityReplica("ec2.appliance");

  private static Item item(String body) {
    return new Item(
        new Item.Key("eu-west-1", "identity", "machines"),
        1,
        1,
        Instant.EPOCH,
        false,
        Optional.empty(),
        body);
  }

  @Test
  void anEmptiedApplianceIsWhoItWas() {
    try (StoreFixture before = StoreFixture.open(folder.resolve("before"));
        StoreFixture after = StoreFixture.open(folder.resolve("after"))) {
      before.run(replica::make);
      before.run(replica::make);
      String body =
          before.read(read -> replica.state(read, "prod", "machines")).orElseThrow().body();
      after.run(replica::make);
      after.run(tx -> replica.restore(tx, "prod", item(body)));
      String was = before.read(read -> Facts.get(read, "ec2.appliance")).orElseThrow();
      String is = after.read(read -> Facts.get(read, "ec2.appliance")).orElseThrow();
      assertThat(is).isEqualTo(was).isNotEmpty();
    }
  }

  @Test
  void whatIsNoIdentityIsRefused() {
    try (StoreFixture store = StoreFixture.open(folder)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> store.run(tx -> replica.restore(tx, "prod", item("[]"))));
    }
  }
}
