# The configuration proper is in lit/: tests/ says what is checked, lit/ says how.
import os

lit_config.load_config(config, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'lit', 'lit.cfg.py'))
