package dev.muster.fleet.compute.ec2;

import java.net.URI;
import java.util.Map;

/** What the SDK's default chains find in this process while it is open: an emulator, and a key. */
public final class SdkSettings implements AutoCloseable {
  private final Map<String, String> properties;

  private SdkSettings(Map<String, String> properties) {
    this.properties = properties;
  }

  public static SdkSettings towards(URI emulator) {
    Map<String, String> properties =
        Map.of(
            "aws.endpointUrl",
            emulator.toString(),
            "aws.accessKeyId",
            "test",
            "aws.secretAccessKey",
            "test");
    properties.forEach(System::setProperty);
    return new SdkSettings(properties);
  }

  @Override
  public void close() {
    properties.keySet().forEach(System::clearProperty);
  }
}
