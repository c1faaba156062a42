package io.wurstwerk.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.wurstwerk.worker", importOptions = ImportOption.DoNotIncludeTests.class)
class PackageRulesTest {
    @ArchTest
    static final ArchRule PACKAGES_ARE_NOUNS_OF_THE_DOMAIN = noClasses()
            .should()
            .resideInAnyPackage(
                    "..util..", "..common..", "..helper..", "..impl..", "..dto..", "..service..", "..services..");

    @ArchTest
    static final ArchRule CLASSES_ARE_NAMED_FOR_WHAT_THEY_ARE =
            noClasses().should().haveNameMatching(".*(Impl|Util|Utils|Helper|Manager|Constants)");

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("io.wurstwerk.worker.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ONLY_THE_ENGINE_KNOWS_ONNX_RUNTIME = noClasses()
            .that()
            .resideOutsideOfPackage("io.wurstwerk.worker.engine")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.onnxruntime..");

    @ArchTest
    static final ArchRule IMPORTS_GO_ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("assembly")
            .definedBy("io.wurstwerk.worker")
            .layer("http")
            .definedBy("..worker.http")
            .layer("protocol")
            .definedBy("..worker.protocol")
            .layer("repository")
            .definedBy("..worker.repository")
            .layer("scheduling")
            .definedBy("..worker.scheduling")
            .layer("engine")
            .definedBy("..worker.engine")
            .layer("inference")
            .definedBy("..worker.inference")
            .layer("config")
            .definedBy("..worker.config")
            .whereLayer("assembly")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("http")
            .mayOnlyBeAccessedByLayers("assembly")
            .whereLayer("protocol")
            .mayOnlyBeAccessedByLayers("assembly", "http")
            .whereLayer("repository")
            .mayOnlyBeAccessedByLayers("assembly", "http", "protocol")
            .whereLayer("scheduling")
            .mayOnlyBeAccessedByLayers("assembly", "http", "protocol", "repository")
            .whereLayer("engine")
            .mayOnlyBeAccessedByLayers("assembly", "repository", "scheduling");

    @ArchTest
    static final ArchRule CLASSES_ARE_CLOSED_TO_EXTENSION = classes()
            .that()
            .areTopLevelClasses()
            .and()
            .areNotInterfaces()
            .and()
            .areNotEnums()
            .and()
            .haveSimpleNameNotEndingWith("package-info")
            .should()
            .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);
}
