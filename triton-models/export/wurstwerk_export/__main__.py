import sys

from wurstwerk_export.cli import main

sys.exit(main())
