import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Run by the build: {@code java ModernClassFiles.java JAR}. Rewrites the classes of a jar that was
 * compiled for Java 5 (picocli) in the present form of class files, with stack maps. The JVM leaves
 * classes older than Java 6 out of its AOT cache and verifies them at each start, which takes a
 * tenth of a second.
 *
 * <p>And spares picocli its search for Groovy, which it would find in none of 130 jars, each time a
 * command is run.
 */
final class ModernClassFiles {
  private static final String SEARCH = "loadClosureClass";

  private static int spared;

  public static void main(String[] arguments) throws IOException {
    Path jar = Path.of(arguments[0]);
    Path modern = jar.resolveSibling(jar.getFileName() + ".modern");
    try (URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        ZipFile from = new ZipFile(jar.toFile());
        OutputStream file = Files.newOutputStream(modern);
        ZipOutputStream to = new ZipOutputStream(file)) {
      ClassFile reader =
          ClassFile.of(
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(classes)),
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS);
      for (ZipEntry entry : Collections.list(from.entries())) {
        byte[] content = from.getInputStream(entry).readAllBytes();
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTime(entry.getTime());
        to.putNextEntry(copy);
        to.write(entry.getName().endsWith(".class") ? modern(reader, content) : content);
        to.closeEntry();
      }
    }
    if (spared != 1) {
      throw new IOException(jar + " has " + spared + " methods " + SEARCH + ", not one");
    }
    Files.setLastModifiedTime(modern, Files.getLastModifiedTime(jar));
    Files.move(modern, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] modern(ClassFile reader, byte[] content) {
    ClassModel old = reader.parse(content);
    return old.majorVersion() >= ClassFile.JAVA_6_VERSION
        ? content
        : reader.transformClass(
            old,
            new Versioned()
                .andThen(ModernClassFiles::withoutSearch)
                .andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)));
  }

  /** The search answers that there is none. */
  private static void withoutSearch(ClassBuilder builder, ClassElement element) {
    if (element instanceof MethodModel method && method.methodName().equalsString(SEARCH)) {
      spared++;
      builder.withMethodBody(
          method.methodName(),
          method.methodType(),
          method.flags().flagsMask(),
          code -> code.aconst_null().areturn());
    } else {
      builder.with(element);
    }
  }

  /** Has the code written anew, and with it the stack maps, under the present version. */
  private static final class Versioned implements ClassTransform {
    @Override
    public void atStart(ClassBuilder builder) {
      builder.withVersion(ClassFile.latestMajorVersion(), 0);
    }

    @Override
    public void accept(ClassBuilder builder, ClassElement element) {
      if (!(element instanceof ClassFileVersion)) {
        builder.with(element);
      }
    }
  }
}
