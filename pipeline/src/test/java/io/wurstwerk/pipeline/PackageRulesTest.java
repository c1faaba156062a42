package io.wurstwerk.pipeline;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.wurstwerk.pipeline", importOptions = ImportOption.DoNotIncludeTests.class)
class PackageRulesTest {
    private static final String BASE = "io.wurstwerk.pipeline.";

    @ArchTest
    static final ArchRule noiseIsPure = classes()
            .that()
            .resideInAPackage(BASE + "noise")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", BASE + "noise");

    @ArchTest
    static final ArchRule diffusionIsPure = classes()
            .that()
            .resideInAPackage(BASE + "diffusion")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", BASE + "diffusion", BASE + "noise");

    @ArchTest
    static final ArchRule onlyTritonSpeaksGrpc = noClasses()
            .that()
            .resideOutsideOfPackage(BASE + "triton")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "com.google.protobuf..", "io.wurstwerk.triton.protocol..");

    @ArchTest
    static final ArchRule onlyTextKnowsTheTokenizer = noClasses()
            .that()
            .resideOutsideOfPackage(BASE + "text")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl..");

    @ArchTest
    static final ArchRule noFramework = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.quarkus..", "jakarta..", "org.apache.kafka..", "io.minio..", "io.wurstwerk.worker..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.wurstwerk.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesAreNounsOfTheDomain = noClasses()
            .should()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..", "..dto..", "..service..");

    @ArchTest
    static final ArchRule classesAreNamedForWhatTheyAre =
            noClasses().should().haveNameMatching(".*(Impl|Util|Utils|Helper|Manager|Constants)");

    @ArchTest
    static final ArchRule stateIsHandedInAndNotShared =
            fields().that().areStatic().should().beFinal();
}
