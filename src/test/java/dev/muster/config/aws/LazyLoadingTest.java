package dev.muster.config.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.kernel.aws.AwsAccess;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the SDK costs is paid when it is needed, and not before. */
class LazyLoadingTest {
  private static final SecretRef HOOK = new SecretRef("github-webhook");

  @Test
  void nothingOfTheSdkIsLoadedBeforeAwsIsAsked() throws ReflectiveOperationException {
    WithoutSdk loader = new WithoutSdk();
    Secrets secrets =
        after(
            loader,
            ref ->
                Optional.of(new Secrets.Found("value", "machine"))
                    .filter(found -> ref.equals(HOOK)));
    assertThat(secrets.value(HOOK)).contains("value");
    assertThat(loader.wanted).isEmpty();
    assertThatThrownBy(() -> secrets.value(new SecretRef("other")))
        .isInstanceOf(NoClassDefFoundError.class);
    assertThat(loader.wanted).isNotEmpty();
  }

  private static Secrets after(ClassLoader loader, Secrets machine)
      throws ReflectiveOperationException {
    Class<?> access = loader.loadClass(AwsAccess.class.getName());
    return (Secrets)
        loader
            .loadClass(AwsSecrets.class.getName())
            .getMethod(
                "after", access, Secrets.class, String.class, Optional.class, InstantSource.class)
            .invoke(
                null,
                access.getConstructor().newInstance(),
                machine,
                "muster",
                Optional.of("eu-west-1"),
                InstantSource.fixed(Instant.EPOCH));
  }

  /** Has the classes of the package and of the way into AWS, and not the SDK's. */
  private static final class WithoutSdk extends ClassLoader {
    private final List<String> wanted = new ArrayList<>();

    WithoutSdk() {
      super(AwsSecrets.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("software.amazon.")) {
        wanted.add(name);
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith(AwsSecrets.class.getPackageName() + ".")
          && !name.startsWith(AwsAccess.class.getPackageName() + ".")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        return known == null ? define(name) : known;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] code = in.readAllBytes();
        return defineClass(name, code, 0, code.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
